import { type AdapterState, floatTensor, invocationsTensor, type ManifestInput, Random, textState, writeAdapter } from '@weft/adapters'
import type { LoadedModel } from '@weft/model'

type Written = Pick<ManifestInput, 'method' | 'config'> & { state: AdapterState }

const attention = ['q_proj', 'k_proj', 'v_proj', 'o_proj']
const feedForward = ['gate_proj', 'up_proj', 'down_proj']

/** Adapters of every kind over one base, of random numbers: large enough to change each answer, small enough that it stays text. By name, as files. */
export async function adaptersFor({ name, fingerprint, spec }: LoadedModel, seed: string): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const tensor = (what: string, std: number, ...shape: number[]) => {
    const random = new Random(`${seed} ${what}`)
    return floatTensor(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal(0, std)),
    )
  }
  const low = (what: string, rank: number, ends: readonly string[], bias = false): AdapterState => ({
    linear: Object.fromEntries(
      Object.entries(spec.modules)
        .filter(([module]) => ends.some((end) => module.endsWith(end)))
        .flatMap(([module, [out, input]]) => [
          [`${module}.a`, tensor(`${what} ${module} a`, 0.15, rank, input)],
          [`${module}.b`, tensor(`${what} ${module} b`, 0.15, out, rank)],
          ...(bias ? [[`${module}.bias`, tensor(`${what} ${module} bias`, 0.02, out)] as const] : []),
        ]),
    ),
  })
  const waiting = (what: string, rank: number, ends: readonly string[], invocation: readonly number[]): AdapterState => {
    const { linear } = low(what, rank, ends)
    const of = Object.keys(linear).flatMap((name) =>
      name.endsWith('.a') ? [[`${name.slice(0, -1)}of`, floatTensor([1, rank], new Float32Array(rank).fill(1))] as const] : [],
    )
    return { activatedLinear: { invocations: invocationsTensor([invocation]), ...linear, ...Object.fromEntries(of) } }
  }
  const { hiddenSize: H, numLayers: L, numKeyValueHeads: K, numHeads: N, headDim: D } = spec
  const trunk = tensor('trunk', 0.05, 4, H)
  const branch = (what: string): AdapterState => ({ promptDelta: { trunk, a: tensor(`${what} a`, 0.5, 4, 2), b: tensor(`${what} b`, 0.05, 2, H) } })
  const keys = Object.keys(spec.modules).filter((module) => module.endsWith('k_proj'))
  const factors = (module: string) => [`${module}.out`, floatTensor([K * D], new Float32Array(K * D).fill(1.1))] as const
  const prefix = (what: string, columns: number): Written => ({
    method: 'prefix-tuning',
    config: { numVirtualTokens: columns },
    state: { keyValue: { prefix: tensor(`prefix ${what}`, 0.3, L, 2, K, columns, D) } },
  })
  const written: Record<string, Written> = {
    'lora/one': { method: 'lora', config: { r: 4, targetModules: ['q_proj', 'v_proj'] }, state: low('one', 4, ['q_proj', 'v_proj']) },
    'lora/two': { method: 'lora', config: { r: 6, targetModules: [...attention, ...feedForward] }, state: low('two', 6, [...attention, ...feedForward]) },
    'lora/wide': { method: 'lora', config: { r: 65, targetModules: ['q_proj'] }, state: low('wide', 65, ['q_proj']) },
    'alora/one': { method: 'lora', config: { r: 4, targetModules: ['q_proj'], aloraInvocationTokens: [5, 6] }, state: waiting('one', 4, ['q_proj'], [5, 6]) },
    'soft/one': { method: 'prompt-tuning', config: { numVirtualTokens: 5 }, state: { inputsEmbeds: { rows: tensor('soft one', 0.05, 5, H) } } },
    'soft/two': { method: 'prompt-tuning', config: { numVirtualTokens: 3 }, state: { inputsEmbeds: { rows: tensor('soft two', 0.05, 3, H) } } },
    'soft/trunk': { method: 'prompt-tuning', config: { numVirtualTokens: 4 }, state: { inputsEmbeds: { rows: trunk } } },
    'branch/one': { method: 'prompt-adapter', config: { trunk: 'soft/trunk', r: 2 }, state: branch('branch one') },
    'branch/two': { method: 'prompt-adapter', config: { trunk: 'soft/trunk', r: 2 }, state: branch('branch two') },
    'note/sea': { method: 'text', config: { text: 'The old captain looked at the sea. ' }, state: { text: textState('The old captain looked at the sea. ') } },
    'prefix/one': prefix('one', 3),
    'prefix/two': prefix('two', 3),
    'prefix/long': prefix('long', 37),
    'document/one': {
      method: 'cartridge',
      config: { numVirtualTokens: 3, keyBias: true },
      state: { keyValue: { prefix: tensor('document', 0.3, L, 2, K, 3, D), keyBias: tensor('key bias', 0.5, L, K, 3) } },
    },
    'gated/one': {
      method: 'parallel-prefix',
      config: { numVirtualTokens: 3 },
      state: {
        gatedKeyValue: { prefix: tensor('gated', 0.3, L, 2, K, 4, D), gate: tensor('gate', 0.1, L, N, 1), lengths: floatTensor([1], Float32Array.of(4)) },
      },
    },
    'ia3/one': { method: 'ia3', config: { targetModules: ['k_proj'], feedforwardModules: [] }, state: { scale: Object.fromEntries(keys.map(factors)) } },
    'steer/one': { method: 'steering', config: { layers: [0] }, state: { residual: { '0.vector': tensor('steer', 0.05, H) } } },
  }
  const files = Object.entries(written).map(async ([adapter, { method, config, state }]) => {
    const file = await writeAdapter(
      {
        method,
        // As it is written here: with the defaults of today, a method that gains one would change the files, and with them what was recorded.
        config,
        base: { name, fingerprint, architecture: spec.architecture },
        task: 'CAUSAL_LM',
        lineage: {},
      },
      state,
    )
    return [adapter, file] as const
  })
  return new Map(await Promise.all(files))
}
