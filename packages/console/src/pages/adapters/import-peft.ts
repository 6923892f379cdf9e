import { writeAdapter } from '@weft/adapters'
import { runnerOf, type WeftClient } from '@weft/client'
import { importPeft } from '@weft/methods'
import { plugins } from '@weft/plugins'

/**
 * An adapter file of PEFT's two, for the runner's first base model, with the methods that come with Weft. The edge checks what comes of it.
 * @throws 422 `peft_*`; Error where no runner says which base model there is
 */
export const importedFile = async (
  weft: WeftClient,
  { config, weights }: { config: File; weights: File },
  labels: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> => {
  const model = runnerOf(await weft.health())?.models[0]
  if (!model) throw new Error('PEFT files are read for the base model that they were trained on, and no runner holds one now. Start one, and try again.')
  const { manifest, state, params } = await importPeft({ config: await config.text(), weights: new Uint8Array(await weights.arrayBuffer()) }, plugins, {
    model: model.spec,
    base: { name: model.name, fingerprint: model.fingerprint },
    ...(labels.length > 0 ? { labels } : {}),
  })
  return writeAdapter(manifest, state, params)
}
