/** Comparing this engine with PEFT's numbers. */
export { type VerifyOptions, type VerifyRow, verifyPeft } from './verify-peft.ts'
