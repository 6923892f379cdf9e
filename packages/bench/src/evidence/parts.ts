import type { EvidencePart } from './part.ts'
import { composition } from './parts/composition.ts'
import { depth } from './parts/depth.ts'
import { ensembling } from './parts/ensembling.ts'
import { modelSize } from './parts/model-size.ts'
import { prefixLength } from './parts/prefix-length.ts'

/** In the page's order. */
export const parts: readonly EvidencePart[] = [composition, modelSize, ensembling, prefixLength, depth]
