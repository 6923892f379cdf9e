import { join } from 'node:path'
import type { Command } from 'commander'
import { outputOf } from '../../output/output.ts'
import { force, writeOutput } from '../../output/output-file.ts'
import { outputFolder } from '../../output/output-folder.ts'

/** `weft bench tasks DIR`: tasks that `weft bench compose --tasks DIR` measures. */
export const benchTasksCommand = (command: Command): Command =>
  command
    .description('write six tasks from the texts that come with the packages, for bench compose --tasks: two labels, two styles, two formats')
    .argument('<dir>', 'a folder; each task becomes one in it')
    .addOption(force())
    .option('--json', 'print one line of JSON')
    .action(async (dir: string, options) => {
      outputFolder(dir)
      const { furtherTasks } = await import('@weft/bench/compose/tasks/further-tasks')
      const { writeTasks } = await import('@weft/bench/compose/tasks/write-tasks')
      const tasks = furtherTasks()
      for (const name of Object.keys(tasks)) outputFolder(join(dir, name))
      writeTasks(dir, tasks, (path, content) => writeOutput(path, content, options))
      const written = Object.entries(tasks).map(([name, { kind, rows, heldOut }]) => ({ task: name, kind, train: rows.length, heldout: heldOut.length }))
      outputOf(options).result({ folder: dir, tasks: written }, () =>
        written.map(({ task, kind, train, heldout }) => `${join(dir, task).padEnd(32)} ${kind}, ${train} rows, ${heldout} held out`).join('\n'),
      )
    })
