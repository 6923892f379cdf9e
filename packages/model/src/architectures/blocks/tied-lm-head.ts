import type { TensorEntry } from '../../checkpoint/header.ts'
import type { StoredTensors } from '../../checkpoint/stored-tensors.ts'

/**
 * The config of a checkpoint that stores an output projection beside the embedding: where config.json ties them and their values differ, they are
 * not tied, as in transformers. The stored numbers are the model; a field that contradicts them is not.
 */
export const untiedWhereStored = <Config extends { tieWordEmbeddings: boolean }>(
  c: Config,
  { dtypeOf, equal }: StoredTensors,
  lmHead: string,
  embedding: string,
): Config =>
  c.tieWordEmbeddings && dtypeOf(lmHead) !== undefined && dtypeOf(embedding) !== undefined && !equal(lmHead, embedding) ? { ...c, tieWordEmbeddings: false } : c

/** The same of a decoder, which a checkpoint may hold without the model around it: where no embedding stands in for the head, it has none then. */
export function decoderHeadAsStored<Config extends { tieWordEmbeddings: boolean; headless?: true }>(
  c: Config,
  stored: StoredTensors,
  { lmHead, embedding, bareEmbedding }: { lmHead: string; embedding: string; bareEmbedding: string },
): Config {
  const config = untiedWhereStored(c, stored, lmHead, embedding)
  return !config.tieWordEmbeddings && stored.spelled(bareEmbedding) && stored.dtypeOf(lmHead) === undefined ? { ...config, headless: true } : config
}

const HEAD = 'lm_head.weight'

/**
 * Entries with the embedding of a model whose head it is too, where the checkpoint stores that table as the head alone: of tensors that are one,
 * safetensors' `save_model` keeps the name that comes first.
 */
export function withEmbeddingOfHead(entries: Map<string, TensorEntry>, embedding: string, outputProjection: string | null): Map<string, TensorEntry> {
  const head = entries.get(HEAD)
  if (outputProjection !== embedding || !head || entries.has(embedding)) return entries
  const renamed = new Map(entries).set(embedding, head)
  renamed.delete(HEAD)
  return renamed
}
