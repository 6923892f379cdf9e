import type { MetadataReader } from '../metadata.ts'

/** What an architecture's config.json says beside what all decoders' say. `key` puts the architecture before a name. Throws `invalid_gguf`, `unsupported_config`. */
export type OwnFields = (
  read: MetadataReader,
  key: (name: string) => string,
  sizes: { hidden: number; heads: number; headDim: number },
) => Record<string, unknown>
