/** Comparing this engine with PEFT's numbers. */
export { verifyPeft, type VerifyOptions, type VerifyRow } from './verify-peft.ts'
