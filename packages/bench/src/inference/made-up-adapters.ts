import { type AdapterState, type Composed, type FloatTensor, type LoadedAdapter, parse, Random, readAdapter, rowWidth, writeAdapter } from '@weft/adapters'
import { elementCount } from '@weft/graph'
import type { Asked } from '@weft/inference/engine'
import { type LoadedModel, tokenRows } from '@weft/model'
import { canonicalOf, compositionOf, tensorsOf } from './composition.ts'

interface Sizes {
  virtualTokens: number
  rank: number
}

/** The expression's tensors over adapters of random numbers, others for every `seed`. @throws WeftError `outputs_inside` */
export async function composedOf(model: LoadedModel, expression: string, sizes: Sizes, seed = 0): Promise<{ composed: Composed } & Taken> {
  const adapters = await madeUpFor(model, expression, sizes, seed)
  const composed = compositionOf(expression, adapters, model.spec)
  return { composed, ...takenBy(model, composed) }
}

/** Virtual tokens of a composition; and positions that it takes before the prompt, of which gated prefixes take none. */
interface Taken {
  virtual: number
  positions: number
}

/** What a request asks that names the expression, under a key; and the most that one of its rows takes. */
export async function askedOf(model: LoadedModel, expression: string, sizes: Sizes, seed = 0): Promise<{ asked(key: string): NonNullable<Asked> } & Taken> {
  const adapters = await madeUpFor(model, expression, sizes, seed)
  const arranged = canonicalOf(expression, adapters)
  if (!arranged.outputs) {
    const composed = tensorsOf(arranged, adapters, model.spec)
    return { asked: (key) => ({ key, composed }), ...takenBy(model, composed) }
  }
  const { operator } = arranged.outputs
  const operands = arranged.outputs.operands.map(({ weight, composition }) => ({ weight, level: 1, composed: tensorsOf(composition, adapters, model.spec) }))
  return {
    asked: (key) => ({ operator, operands: operands.map(({ composed, ...rest }, i) => ({ ...rest, named: { key: `${key}, operand ${i}`, composed } })) }),
    virtual: Math.max(...operands.map(({ composed }) => takenBy(model, composed).virtual)),
    positions: Math.max(...operands.map(({ composed }) => takenBy(model, composed).positions)),
  }
}

async function madeUpFor(model: LoadedModel, expression: string, sizes: Sizes, seed: number): Promise<Map<string, LoadedAdapter>> {
  const adapters = new Map<string, LoadedAdapter>()
  for (const name of namesOf(parse(expression))) {
    const bytes = await writeAdapter(
      {
        method: 'bench',
        config: {},
        task: 'CAUSAL_LM',
        lineage: {},
        base: { name: model.name, fingerprint: model.fingerprint, architecture: model.spec.architecture },
      },
      madeUp(model, name, sizes, seed),
    )
    adapters.set(name, await readAdapter(bytes, { model: model.spec }))
  }
  return adapters
}

const takenBy = (model: LoadedModel, { segments, sites }: Composed): Taken => {
  const positions = segments.reduce(
    (sum, segment) =>
      sum + (segment.kind === 'rows' ? segment.rows.shape[0] : (model.tokenizer?.encode(segment.text, { addSpecialTokens: false }).length ?? 0)),
    sites.keyValue?.prefix.shape[3] ?? 0,
  )
  const gated = [...(sites.gatedKeyValue?.lengths.data ?? [])].reduce((sum: number, length) => sum + Number(length), 0)
  return { positions, virtual: positions + gated }
}

/** Which sizes of made-up adapters an expression's names read. */
export function sizesRead(expression: string): { virtualTokens: boolean; rank: boolean } {
  const kinds = [...namesOf(parse(expression))].map((name) => name.split('/')[0]!)
  return { virtualTokens: kinds.some((kind) => kind !== 'lora' && kind !== 'ia3'), rank: kinds.includes('lora') }
}

function madeUp(model: LoadedModel, path: string, { virtualTokens: P, rank: R }: Sizes, seed: number): AdapterState {
  const name = `${path} ${seed}`
  const { spec } = model
  const { attention, feedForward } = spec.roles ?? { attention: {}, feedForward: {} }
  const modules = (...ends: readonly (string | undefined)[]) =>
    Object.entries(spec.modules).filter(([module]) => ends.some((end) => end && module.endsWith(`.${end}`)))
  const prefix = () => noise([spec.numLayers, 2, spec.numKeyValueHeads, P, spec.headDim], name)
  switch (name.split('/')[0]) {
    case 'prefix':
      return { keyValue: { prefix: prefix() } }
    case 'parallel':
      return {
        gatedKeyValue: { prefix: prefix(), gate: noise([spec.numLayers, spec.numHeads, 1], `${name} gate`), lengths: { shape: [1], data: Float32Array.of(P) } },
      }
    case 'lora':
      return {
        linear: Object.fromEntries(
          modules(attention.query, attention.value, attention.queryKeyValue).flatMap(([module, [out, input]]) => [
            [`${module}.a`, noise([R, input], `${name} ${module} a`)],
            [`${module}.b`, noise([out, R], `${name} ${module} b`)],
          ]),
        ),
      }
    case 'ia3':
      return {
        scale: Object.fromEntries(
          modules(attention.key, attention.value, attention.queryKeyValue, feedForward.down).map(([module, [out, input]]) => {
            const [factor, size] = feedForward.down && module.endsWith(`.${feedForward.down}`) ? ['in', input] : ['out', out]
            return [`${module}.${factor}`, { shape: [size], data: noise([size], `${name} ${module}`).data.map((value) => 1 + value) }]
          }),
        ),
      }
    default:
      return { inputsEmbeds: { rows: vocabularyRows(model, P, name) } }
  }
}

function namesOf(node: unknown, found = new Set<string>()): Set<string> {
  if (Array.isArray(node)) for (const item of node) namesOf(item, found)
  else if (node !== null && typeof node === 'object') {
    if ('kind' in node && node.kind === 'adapter' && 'name' in node && node.name !== 'base') found.add(node.name as string)
    namesOf(Object.values(node), found)
  }
  return found
}

function vocabularyRows(model: LoadedModel, count: number, seed: string): FloatTensor {
  const random = new Random(seed)
  const ids = Array.from({ length: count }, () => random.integer(model.spec.vocabSize))
  return { shape: [count, rowWidth(model.spec)], data: tokenRows(model, ids) }
}

function noise(shape: number[], seed: string): FloatTensor {
  const random = new Random(seed)
  return { shape, data: Float32Array.from({ length: elementCount(shape) }, () => random.normal(0, 0.1)) }
}
