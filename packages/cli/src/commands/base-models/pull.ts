import type { PulledModel } from '@weft/model'
import { Command } from 'commander'
import { bytes, outputOf } from '../../output/output.ts'
import { pulling } from './pulling.ts'

export const pull = (): Command =>
  new Command('pull')
    .description('bring a base model to this machine, for "--model"')
    .argument('<name-or-url-or-file>', 'smollm2-135m, a hub id (org/name; org/name:Q4_K_M of a repository of GGUFs), or the URL or file of a GGUF')
    .option('--name <name>', 'what it is called from then on (default: its own)')
    .option('--revision <name>', "a branch, tag or commit of the hub's (default: main); its copy is called org/name@revision")
    .option('--json', 'print JSON')
    .action(async (what: string, { json, ...named }: { name?: string; revision?: string; json?: boolean }) => {
      const output = outputOf({ json })
      const model = await pulling(what, output.note, named)
      output.result(shown(model), () => `${model.name} is at ${model.path} (${bytes(model.bytes)}).\nServe it with: npx weft dev --model ${model.name}`)
    })

/** As the JSON of "weft pull" and "weft models" has it. */
export const shown = ({ name, source, revision, path, bytes, fingerprint, pulledAt }: PulledModel) => ({
  id: name,
  kind: 'pulled' as const,
  source,
  ...(revision !== undefined && { revision }),
  path,
  bytes,
  fingerprint,
  pulledAt,
})
