/** Making students. */
export { createStudent } from "./students/create-student.ts";
export { answerStudents } from "./students/endpoint.ts";
