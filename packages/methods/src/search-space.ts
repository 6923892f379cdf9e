/** A grid over the two things that decide most how well a method learns: its learning rate, and one setting of its own. */
export interface SearchSpace {
  learningRate: readonly number[]
  /** A field of the method's config by its name there, and the values that are tried. */
  setting: { name: string; values: readonly unknown[] }
}
