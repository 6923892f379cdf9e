import type { HeldModel } from '@weft/protocol'
import { noModel } from '../../errors.ts'
import { isRecent } from '../../recent.ts'
import type { Backend } from '../backend.ts'
import type { Transport } from '../http/transport.ts'
import { vllmCompositions } from './compositions.ts'
import { HeldCompositions } from './held-compositions.ts'
import { vllmInference } from './inference.ts'
import { vllmModelDirectory } from './model-directory.ts'
import { vllmTraining } from './training.ts'

/** How long what vLLM said of itself is believed, in milliseconds. */
const believedMs = 30_000

/** vLLM behind the edge's ports. */
export function vllmBackend(send: Transport): Backend {
  const asked = vllmModelDirectory(send)
  let known: { model: HeldModel; at: number } | undefined
  const directory: Backend['directory'] = {
    async health(signal) {
      const health = await asked.health(signal)
      known = { model: health.models[0], at: Date.now() }
      return health
    },
  }
  const servedModel = async (): Promise<HeldModel> => {
    if (known && isRecent(known.at, believedMs)) return known.model
    const [model] = (await directory.health()).models
    if (!model) throw noModel('base')
    return model
  }
  const held = new HeldCompositions()
  return { directory, inference: vllmInference(send, held, servedModel), compositions: vllmCompositions(send, held, servedModel), training: vllmTraining }
}
