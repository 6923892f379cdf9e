/**
 * How well the vectors tell held-out pairs apart: the share of pairs whose positive side lies further along the vector; 0.5 is chance.
 *
 * | | |
 * |---|---|
 * | `separated` | by the sum over all layers |
 * | `separated.<layer>` | behind one layer, where there are several |
 * | `pairs` | how many pairs that was measured on |
 *
 * @param ahead of each pair, how far the positive side is ahead behind each layer
 */
export const separationMetrics = (ahead: readonly (readonly number[])[], layers: readonly number[]): Record<string, number> => {
  if (ahead.length === 0) return {}
  const share = (of: (each: readonly number[]) => number): number => ahead.filter((each) => of(each) > 0).length / ahead.length
  return {
    separated: share((each) => each.reduce((sum, value) => sum + value, 0)),
    ...(layers.length > 1 && Object.fromEntries(layers.map((layer, at) => [`separated.${layer}`, share((each) => each[at])]))),
    pairs: ahead.length,
  }
}
