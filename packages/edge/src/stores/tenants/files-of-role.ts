import type { FileObject, FilePurpose, Role } from '@weft/protocol'
import { purposeForbidden } from '../../auth/errors.ts'
import type { TrainingFiles } from '../training-files.ts'

/** Files that every role handles: the requests of batches, and what answers them. Others are for who trains. */
const forEveryone: readonly FilePurpose[] = ['batch', 'batch_output']

/** A tenant's files as a role sees them. Training files are there for admins and trainers alone. Error 403 `role_forbidden` for uploading one. */
export function filesOfRole(files: TrainingFiles, role: Role): TrainingFiles {
  if (role === 'admin' || role === 'trainer') return files
  const seen = (file: FileObject | undefined) => (file && forEveryone.includes(file.purpose) ? file : undefined)
  const mine = async (id: string): Promise<boolean> => seen(await files.get(id)) !== undefined
  return {
    ...files,
    async put(file) {
      if (!seen(file)) throw purposeForbidden(role, file.purpose, forEveryone)
      await files.put(file)
    },
    get: async (id) => seen(await files.get(id)),
    async isOrWas(id) {
      const file = await files.get(id)
      return file ? seen(file) !== undefined : files.isOrWas(id)
    },
    digest: async (id) => ((await mine(id)) ? files.digest(id) : undefined),
    content: async (id) => ((await mine(id)) ? files.content(id) : undefined),
    stream: async (id, from) => ((await mine(id)) ? files.stream(id, from) : undefined),
    async list({ after, limit, ...asked }) {
      const found: FileObject[] = []
      for (let from = after; ; ) {
        const page = await files.list({ ...asked, after: from, limit: limit + 1 })
        found.push(...page.files.filter(seen))
        from = page.files.at(-1)?.id
        if (!page.hasMore || found.length > limit || from === undefined) break
      }
      return { files: found.slice(0, limit), hasMore: found.length > limit }
    },
    delete: async (id) => ((await mine(id)) ? files.delete(id) : false),
    collect: async (id) => ((await mine(id)) ? files.collect(id) : false),
  }
}
