// `npm run docs`: the site. With `--run`, every block of the pages is run; with `--errors` and `--pictures`, the page of error codes and the pictures are made anew.
const [, , first] = process.argv
const commands: Record<string, () => Promise<unknown>> = {
  '--run': () => import('../../test/docs/run.ts'),
  '--errors': () => import('../../test/docs/write-errors.ts'),
  '--pictures': async () => (await import('./pictures.ts')).drawPictures(),
  '--check': () => import('./build.ts'),
}
const command = first === undefined ? () => import('./build.ts') : commands[first]
if (command) await command()
else {
  console.error(`docs: ${first} is none of ${Object.keys(commands).join(', ')}.`)
  process.exitCode = 2
}
