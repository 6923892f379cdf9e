import { maxHeaderBytes } from '@weft/adapters/file/safetensors'
import type { PeftFolder } from '../../peft-folder.ts'

/** What a smaller file would save is not worth another request. */
const WORTH_ASKING = 1024 * 1024
/** Beyond this a stand-in would take memory that is better left alone. */
const MOST = 2 ** 30
/** What an import says before it looks at any value: these follow from the configuration, and from names and shapes. */
const EARLY = new Set(['wrong_base_model', 'peft_unsupported', 'target_modules_missing', 'task_not_supported'])

/**
 * Imports a checkpoint of which only the beginning is there, for what can be said of it without the values: that it is for another base model, or of a method that is not here.
 * Nothing is guessed, and what values could decide is left to the import of the whole.
 * @param start gives the weights' first bytes, where they are to be had
 * @throws what the import throws of that
 */
export const tellEarly = async (
  config: PeftFolder['config'],
  size: number,
  start: (bytes: number) => Promise<Uint8Array | undefined>,
  importIt: (files: Pick<PeftFolder, 'config' | 'weights'>) => Promise<unknown>,
): Promise<void> => {
  if (size < WORTH_ASKING || size > MOST) return
  const first = await start(8)
  if (first?.length !== 8) return
  const length = Number(new DataView(first.buffer, first.byteOffset).getBigUint64(0, true))
  if (length > maxHeaderBytes || 8 + length > size) return
  const header = await start(8 + length)
  if (header?.length !== 8 + length) return
  const weights = new Uint8Array(size)
  weights.set(header)
  await importIt({ config, weights }).catch((error: { code?: string }) => {
    if (EARLY.has(error.code ?? '')) throw error
  })
}
