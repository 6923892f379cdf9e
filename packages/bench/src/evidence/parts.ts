import type { EvidencePart } from './part.ts'
import { alternatives } from './parts/alternatives.ts'
import { composition } from './parts/composition.ts'
import { depth } from './parts/depth.ts'
import { ensembling } from './parts/ensembling.ts'
import { loraSums } from './parts/lora-sum.ts'
import { methods } from './parts/methods.ts'
import { modelSize } from './parts/model-size.ts'
import { moreTasks } from './parts/more-tasks.ts'
import { prefixLength } from './parts/prefix-length.ts'
import { sinkColumns } from './parts/sink-columns.ts'

/** In the page's order. */
export const parts: readonly EvidencePart[] = [methods, composition, moreTasks, sinkColumns, loraSums, alternatives, modelSize, ensembling, prefixLength, depth]
