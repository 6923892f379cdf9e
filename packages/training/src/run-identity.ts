import { createHash } from 'node:crypto'
import { canonicalJson, type LoadedAdapter } from '@weft/adapters'
import type { LoadedModel } from '@weft/model'
import type { TrainingSpec } from '@weft/protocol'

/** What a run reads. */
interface RunFiles {
  training: string | Uint8Array
  validation?: string | Uint8Array
  reference?: string | Uint8Array
  probes?: string | Uint8Array
  required?: readonly LoadedAdapter[]
}

/** A checkpoint belongs to one run: the same specification, base model and files. The job's own name and number do not matter. */
export const runIdentity = (
  { jobId, name, joint, ...spec }: TrainingSpec,
  { training, validation = '', reference, probes, required = [] }: RunFiles,
  model: LoadedModel,
): string => {
  const hash = createHash('sha256').update(canonicalJson({ ...spec, model: model.fingerprint, required: required.map((r) => r.digest) }))
  for (const file of [training, validation, ...[reference, probes].filter((each) => each !== undefined)])
    hash.update('\0').update(createHash('sha256').update(file).digest())
  return `sha256:${hash.digest('hex')}`
}
