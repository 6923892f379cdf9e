import { compressionText } from './compression-text.ts'
import type { JobResult } from './job-result.ts'
import { separationText } from './separation-text.ts'

/** What is told of an adapter that was computed, and not learned by gradient: in `--json`, and in words. */
interface Computed {
  json: Record<string, unknown>
  text(): string
}

/** By its lineage, which says how it was made, whoever asked for the job. Undefined of what was trained. */
export function computedOf(result: JobResult): Computed | undefined {
  const { manifest, bytes = 0 } = result.adapter ?? {}
  const { document, pairs } = manifest?.lineage ?? {}
  const metrics = manifest?.training?.metrics ?? {}
  if (document) return { json: { bytes, metrics }, text: () => compressionText(result, bytes, metrics, document.selfStudy) }
  if (pairs) return { json: { config: manifest!.config, metrics }, text: () => separationText(result, manifest!.config as { layers?: number[] }, metrics) }
  return undefined
}
