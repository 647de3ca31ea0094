/** What the pages with an account say of signing in. */
export const SIGN_IN_RU = {
  language: "Язык",
  password: "Пароль",
  signIn: "Войти",
  signOut: "Выйти",
  forgot: "Забыли пароль?",
  forgotSent: "Если у этого адреса есть учётная запись, на него отправлено письмо со ссылкой.",
  forgotEmail: "Укажите почту и нажмите ещё раз.",
  passwordTitle: "Новый пароль",
  newPassword: "Новый пароль",
  faultPassword: "Не меньше 8 символов и не такой, как прежний.",
  faultCredentials: "Неверная почта или пароль.",
  faultMissing: "Укажите почту и пароль.",
  faultExpired: "Сеанс закончился. Войдите снова.",
};

export const SIGN_IN_EN: typeof SIGN_IN_RU = {
  language: "Language",
  password: "Password",
  signIn: "Sign in",
  signOut: "Sign out",
  forgot: "Forgot the password?",
  forgotSent: "If this address has an account, a letter with a link is on its way to it.",
  forgotEmail: "Enter your e-mail, then press it again.",
  passwordTitle: "A new password",
  newPassword: "New password",
  faultPassword: "At least 8 characters, and another one than before.",
  faultCredentials: "E-mail or password is wrong.",
  faultMissing: "Enter e-mail and password.",
  faultExpired: "Your session has ended. Sign in again.",
};
