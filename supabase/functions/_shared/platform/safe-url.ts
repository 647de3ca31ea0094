const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
/** A name in a network of containers, and addresses that no router carries outside; as amocrm.is_private_host has them. */
const PRIVATE =
  /^([a-z0-9_-]+|[a-z0-9_.-]+\.(internal|local|lan)|10(\.\d{1,3}){3}|192\.168(\.\d{1,3}){2}|172\.(1[6-9]|2\d|3[01])(\.\d{1,3}){2}|\[f[cd][0-9a-f:]*\])$/;

/** Whether a host is this machine. */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK.test(host);
}

/** Whether a host is this machine or in a private network. */
export function isPrivateHost(host: string): boolean {
  return LOOPBACK.test(host) || PRIVATE.test(host);
}

/** Whether what is sent there cannot be read on its way: https, or a host that is not reached from outside. */
export function isSafeUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || isPrivateHost(hostname);
}

/** What is said of an address that is not safe. */
export const UNSAFE = "must be https: keys and people's data would travel readable";
