import type { Pooling } from './file/manifest.ts'
import type { ModelSpec } from './model-spec.ts'

/** Where in a sequence a text's hidden state is taken: `start` is the first column of all, virtual tokens included. */
export type PooledAt = 'start' | 'first' | 'last' | 'mean'

const named = { cls: 'first', last: 'last', mean: 'mean' } as const

/** The place that a named pooling reads on a model. `peft` reads what Hugging Face's classifier of the family reads. */
export const pooledAt = (pooling: Pooling | undefined, { bidirectional }: Pick<ModelSpec, 'bidirectional'>): PooledAt =>
  pooling && pooling !== 'peft' ? named[pooling] : bidirectional ? 'start' : 'last'

/** The base's pooler, where a classifier reads the first position. It was pretrained on that position alone, so other poolings do not use it. */
export const poolerOf = ({ classifier }: Pick<ModelSpec, 'classifier'>, at: PooledAt): string | undefined =>
  at === 'start' || at === 'first' ? classifier.pooler : undefined
