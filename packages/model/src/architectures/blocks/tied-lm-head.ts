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
