import { errors, parse } from '@weft/adapters'
import { findAdapters } from '../resolve/adapter-refs.ts'
import type { AdapterNames } from '../stores/adapter-names.ts'
import type { JobRecord } from '../stores/jobs.ts'
import type { TrainingFiles } from '../stores/training-files.ts'

/**
 * Whether what a job needs is still there once the job is: from then on nothing of it can be deleted, and what was deleted just before
 * is missed here. Errors 404.
 */
export async function stillThere({ files, names }: { files: TrainingFiles; names: AdapterNames }, { job, spec }: JobRecord): Promise<void> {
  for (const [param, id] of Object.entries({ training_file: job.trainingFile, validation_file: job.validationFile, foreign_file: job.foreignFile }))
    if (id && !(await files.get(id))) throw errors.notFound('file', id, [], param)
  const refs = spec.required.map(({ ref }) => parse(ref)).filter((ref) => ref.kind === 'adapter')
  await findAdapters(names, refs, 'method')
}
