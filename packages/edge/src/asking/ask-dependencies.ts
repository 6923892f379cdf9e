import type { Limiter } from '../limits/limiter.ts'
import type { HashFirst } from '../resolve/hash-first.ts'
import type { ResolveModel } from '../resolve/resolve-model.ts'
import type { RecordUsage } from '../usage/usage-recorder.ts'
import type { RunnerPlaces } from './runner-places.ts'
import type { ShadowCopies } from './shadow-copies.ts'

/** What asking a runner takes; bound in the composition root. */
export interface AskDependencies {
  resolve: ResolveModel
  hashFirst: HashFirst
  limiter: Limiter
  places: RunnerPlaces
  recordUsage: RecordUsage
  shadows: ShadowCopies
}
