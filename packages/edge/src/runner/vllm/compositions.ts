import { type ModelSpec, unpackComposition, writeSafetensors } from '@weft/adapters'
import type { HeldModel } from '@weft/protocol'
import { siteNotServed } from '../../errors.ts'
import type { Compositions } from '../compositions.ts'
import type { Transport } from '../http/transport.ts'
import { loadAdapter, prefixFile, storeFile } from './adapters/load-adapter.ts'
import { peftFolder, rankOf } from './adapters/peft-folder.ts'
import { vllmCapabilities } from './capabilities.ts'
import { vllmExceptions } from './exceptions.ts'
import { type HeldCompositions, heldSegments } from './held-compositions.ts'

/** Compositions as vLLM takes them: what stands before prompts stays here, for each request; low-rank terms are a LoRA adapter of vLLM's, under the key. */
export const vllmCompositions = (send: Transport, held: HeldCompositions, servedModel: () => Promise<HeldModel>): Compositions => ({
  async put(key, bytes, caller) {
    const model = await servedModel()
    const composed = unpackComposition(bytes, model.spec as ModelSpec, model)
    const served = Object.entries(vllmCapabilities(model).sites).flatMap(([site, { support }]) => (support === 'refused' ? [] : [site]))
    const [refused] = vllmExceptions(composed, model)
    if (refused) throw siteNotServed(refused.site, model.name, served, refused.why)
    const { linear, keyValue } = composed.sites
    if (keyValue) await storeFile(send, key, prefixFile, writeSafetensors({ prefix: keyValue.prefix }), caller)
    if (linear) await loadAdapter(send, key, peftFolder(linear, rankOf(linear)!), caller)
    held.set(key, { segments: heldSegments(composed), prefix: keyValue?.prefix.shape[3] ?? 0, adapted: linear !== undefined })
  },
})
