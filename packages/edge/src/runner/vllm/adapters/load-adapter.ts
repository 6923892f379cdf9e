import { floatTensor, type ModelSpec } from '@weft/adapters'
import { runnerProtocol } from '../../../errors.ts'
import type { Caller } from '../../caller.ts'
import type { Transport } from '../../http/transport.ts'
import { answerOf, expectAnswer, post } from '../vllm-calls.ts'
import { peftFolder } from './peft-folder.ts'

/** What a trained prefix is stored as: `prefix [L,2,K,P,D]`. */
export const prefixFile = 'prefix.safetensors'

/** Puts a file into a composition's folder where vLLM runs. Gives the folder. */
export async function storeFile(
  send: Transport,
  key: string,
  file: string,
  body: Uint8Array<ArrayBuffer>,
  caller: Caller | undefined,
): Promise<string | undefined> {
  const headers = { 'content-type': 'application/octet-stream' }
  const stored = await send({ method: 'PUT', path: `/weft/adapters/${key}/${file}`, body, headers, caller })
  if (stored.status === 404) {
    await stored.body?.cancel()
    throw runnerProtocol('vLLM was started without --middleware weft_vllm.AdapterFolder, which takes adapters in')
  }
  return (await answerOf<{ folder?: string }>(stored)).folder
}

/** Whether the file is there still. */
export async function isStored(send: Transport, key: string, file: string, caller: Caller | undefined): Promise<boolean> {
  const response = await send({ path: `/weft/adapters/${key}/${file}`, caller })
  await response.body?.cancel()
  return response.ok
}

/** Puts a PEFT folder's files where vLLM runs, and has it load them under the name. Loading what is loaded is harmless. */
export async function loadAdapter(send: Transport, name: string, files: Record<string, Uint8Array<ArrayBuffer>>, caller: Caller | undefined): Promise<void> {
  let folder: string | undefined
  for (const [file, body] of Object.entries(files)) folder = await storeFile(send, name, file, body, caller)
  const response = await post(send, '/v1/load_lora_adapter', { lora_name: name, lora_path: folder }, caller)
  const text = response.ok ? '' : await response.clone().text()
  if (text.includes('already been')) return
  await (await expectAnswer(response)).body?.cancel()
}

/** The name of an adapter that does nothing: a key that no composition has. */
export const nothingKey = `sha256:${'0'.repeat(64)}`

/** An adapter of zeros, on one module. @param modules ends of names that adapters may act on */
export function nothingFiles({ modules }: ModelSpec, ends: readonly string[] | undefined): Record<string, Uint8Array<ArrayBuffer>> {
  const named = Object.keys(modules).find((module) => !ends || ends.some((end) => module.endsWith(`.${end}`)))
  if (named === undefined) throw runnerProtocol(`vLLM was started with --lora-target-modules ${ends?.join(' ')}, and the model has no such module`)
  const [out, input] = modules[named]
  return peftFolder({ [`${named}.a`]: floatTensor([1, input]), [`${named}.b`]: floatTensor([out, 1]) }, 1)
}
