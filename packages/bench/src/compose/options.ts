import { outputOperators } from '@weft/adapters'
import type { Hyperparameters } from '@weft/methods'

export type Phase = 'none' | 'partners' | 'locality' | 'both'

/** How adapters meet: inside the model (`sum`), or at its output. */
const composeOperators = ['sum', ...outputOperators] as const

export interface BenchComposeOptions {
  model: string
  method: string
  phase: Phase
  operator: (typeof composeOperators)[number]
  /** A folder of tasks; without it the three that come with the packages. */
  tasks?: string
  /** A further short phase in which each adapter keeps its task and is silent on what the others are asked. */
  settle?: boolean
  /** Whether one adapter is trained on each pair's data, to be compared with. */
  joint?: boolean
  /** A text that each adapter is measured beside, too: `Answer briefly.` */
  text?: string
  /** Whether `auto(…)` over all adapters is measured beside the oracle, which knows whose a row is. */
  auto?: boolean
  /** Whether what the publish gate would say of each composition is measured beside what is kept. */
  gate?: boolean
  /** What frozen layers compute in, in training and in scoring; float32 unless said. */
  precision?: Hyperparameters['precision']
  /** Most tokens of a row of a folder's tasks; 128 when absent. Those that come with the packages have a length of their own. */
  maxLength?: number
  /** Steps of the first phase, and of each later one. */
  steps: number
  phaseSteps: number
  /** Held-out rows of each task. */
  eval: number
  virtualTokens: number
  learningRate: number
  localityWeight: number
  /** Factor on the divergence while a stack is settled; 1, as `weft settle` has it, when absent. */
  settleWeight?: number
  /** How often a step of the second phase has KL-to-base on reference text, or a batch has a partner. */
  probability: number
  /** Peak learning rate of the later phases. */
  phaseLearningRate: number
  batch: number
  seed: number
  threads?: number
  /** The method's own settings. */
  set?: Record<string, unknown>
  /** Of the tasks only these. */
  only?: string[]
  /** Where trained adapters are kept, and taken from when they are there: the first phase need not be repeated for every second one. */
  keep?: string
  onNote?: (text: string) => void
}
