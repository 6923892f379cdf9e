import { healthSchema } from '@weft/protocol'
import type { ModelDirectory } from '../model-directory.ts'
import { readAnswer } from './exchange.ts'
import type { Transport } from './transport.ts'

/** The question answers at once or not at all: whoever asks wants to know now. */
const timeoutMs = 2000

/** The model directory across HTTP. */
export const httpModelDirectory = (send: Transport): ModelDirectory => ({
  health: async (signal) => readAnswer(healthSchema, await send({ path: '/health', timeoutMs, ...(signal ? { caller: { signal, until: Infinity } } : {}) })),
})
