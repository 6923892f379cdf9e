import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { inputFolder } from '../../input/input-folder.ts'
import { names } from '../../input/names.ts'
import { refuseUnread } from '../../input/unread-options.ts'
import { whole } from '../../numbers.ts'
import { outputOf } from '../../output/output.ts'
import { outputFolder } from '../../output/output-folder.ts'

/** `weft bench evidence`: what the claims about methods and composition stand on. */
export const benchEvidenceCommand = (command: Command, bundled: string): Command =>
  command
    .description('run every measurement of docs/evidence.md that has no row yet, one after another; or write the page from the rows')
    .option('--short', 'the form of about twenty minutes; hours without')
    .option('--models <dir>', 'folder with a folder for each model, of the names on the page; cells of models that are not there are not run')
    .option('--only <parts>', 'only these parts, with commas between', names())
    .option('--minutes <n>', 'begin no cell after so long', whole(1))
    .option('--docs <dir>', 'folder with evidence/ (the rows), evidence.md and pictures/evidence/', 'docs')
    .option('--keep <dir>', 'keep adapters of the composition part there, and take those that are there already')
    .option('--write', 'run nothing, and write the page and its pictures from the rows')
    .option('--threads <n>', 'threads', whole(1))
    .option('--json', 'print one line of JSON')
    .action(async ({ short, models: folder, docs, write, ...options }, command: Command) => {
      const output = outputOf(options)
      const { placesIn, writeEvidence } = await import('@weft/bench/evidence/write-page')
      if (write) {
        refuseUnread(command, ['short', 'models', 'only', 'minutes', 'keep', 'threads'], { beside: '--write' })
        const written = writeEvidence(inputFolder(docs, 'a folder of documentation, which has evidence/ (the rows), evidence.md and pictures/evidence/'))
        return output.result(written, () => [written.page, ...written.pictures].join('\n'))
      }
      const { collectEvidence } = await import('@weft/bench/evidence/run')
      if (folder !== undefined) inputFolder(folder, 'one that has a folder for each model, named as docs/evidence.md names them')
      const { rows } = placesIn(outputFolder(docs))
      if (options.keep !== undefined) outputFolder(options.keep)
      const { models } = await import('@weft/bench/evidence/models')
      const found = folder === undefined ? [] : Object.keys(models).filter((name) => existsSync(join(folder, name)))
      const at = { ...Object.fromEntries(found.map((name) => [name, join(folder, name)])), bundled }
      const result = await collectEvidence({ ...options, form: short ? 'short' : 'long', rows, models: at, onNote: output.note })
      if (result.failed.length > 0) process.exitCode = 1
      output.result(result, () =>
        [
          `${result.run} cells run, ${result.kept} were there, ${result.failed.length} failed, ${result.left} left for want of time; ${result.seconds} s`,
          ...(result.stale > 0 ? [`${result.stale} rows that no part asks for any more: their settings have changed, and the page leaves them out`] : []),
          ...Object.entries(result.without_model).map(([model, count]) => `${count} not run: no ${model} in --models`),
          ...result.failed.map(({ part, cell, message }) => `${part}, ${JSON.stringify(cell)}: ${message}`),
        ].join('\n'),
      )
    })
