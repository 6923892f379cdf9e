/** What llama.cpp calls the kind of adapter: as PEFT does, in lower case. */
export const KIND = 'LORA'.toLowerCase()
/** Beside the rank it scales: 0, or absent, where additions count as they are. */
export const ALPHA = `adapter.${KIND}.alpha`
/** Tokens that the adapter waits for. */
export const INVOCATION = 'adapter.alora.invocation_tokens'
