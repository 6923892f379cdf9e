import { CliError } from '../../errors.ts'

/** How whoever reads a format gives what it reads its strength. */
const strengthIn = { peft: 'PEFT with add_weighted_adapter, where the method has it', gguf: 'llama.cpp with --lora-scaled or --control-vector-scaled' }

export const compositionExported = (expression: string, format: keyof typeof strengthIn) =>
  new CliError(
    'composition_exported',
    `${expression} is a composition, and what is exported is one adapter as it was made. Name the adapter alone; whoever reads the file gives it its strength, such as ${strengthIn[format]}.`,
    2,
  )

export const adapterImported = (file: string, name = 'NAME') =>
  new CliError(
    'adapter_imported',
    `${file} is an adapter file already, and nothing is to be imported of it. Publish it as it is: npx weft publish ${file} --name ${name}`,
    2,
  )

export const nothingToImport = (what: string) =>
  new CliError(
    'nothing_to_import',
    `${what} is no file or folder of this machine, and no id of the hub: those are spelled org/name, with --revision for a branch, tag or commit and --adapter for one of several.`,
    2,
  )

export const ggufOnHub = (where: string, file: string) =>
  new CliError('gguf_on_hub', `${where} holds no PEFT checkpoint, but ${file}. Fetch that file, and import it by its path.`, 2)
