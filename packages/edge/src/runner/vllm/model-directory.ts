import { type Health, type HeldModel, type VllmModel, vllmModelSchema } from '@weft/protocol'
import { runnerProtocol } from '../../errors.ts'
import { readAnswer } from '../http/exchange.ts'
import type { Transport } from '../http/transport.ts'
import type { ModelDirectory } from '../model-directory.ts'
import { expectAnswer } from './vllm-calls.ts'

/** The question answers at once or not at all. */
const timeoutMs = 2000

/** What vLLM serves, as a runner would say it. Errors as of inference, and 502 `runner_protocol` where vLLM was started without what says it. */
export const vllmModelDirectory = (send: Transport): ModelDirectory => ({
  async health(signal) {
    const response = await send({ path: '/weft/model', timeoutMs, ...(signal ? { caller: { signal, until: Infinity } } : {}) })
    if (response.status === 404) {
      await response.body?.cancel()
      throw runnerProtocol('vLLM was started without --middleware weft_vllm.AdapterFolder, which says what model it serves')
    }
    return healthOf(await readAnswer(vllmModelSchema, await expectAnswer(response)))
  },
})

function healthOf({ model, vllm }: VllmModel): Health {
  const { version, servedName, maxModelLen, adapters, adapterAlways, prefixes, promptEmbeds } = vllm
  const held: HeldModel = {
    ...model,
    name: servedName,
    spec: { ...model.spec, tasks: ['CAUSAL_LM'], maxPositions: Math.min(model.spec.maxPositions, maxModelLen) },
    sites: ['text', ...(promptEmbeds ? ['inputsEmbeds', 'promptDelta'] : []), ...(adapters ? ['linear'] : []), ...(prefixes ? ['keyValue'] : [])],
    ...(adapters && {
      lowRank: { maxRank: adapters.maxRank, ...(adapters.modules && { modules: adapters.modules }), ...(adapterAlways && { adapterAlways }) },
    }),
  }
  return { status: 'ok', device: { name: 'vllm', reason: `vLLM ${version} computes` }, models: [held], jobs: { running: 0, queued: 0 } }
}
