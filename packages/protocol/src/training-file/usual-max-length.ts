/** Tokens of the longest row when a job does not say: longer ones cost much, and prompts are seldom longer. */
export const usualMaxLength = 512
