/** What a person asked for that cannot be done; the message says what to do instead. */
export class CreateError extends Error {
  readonly code: string
  constructor(code: string, message: string, options: ErrorOptions = {}) {
    super(message, options)
    this.name = 'CreateError'
    this.code = code
  }
}

export const folderMissing = () => new CreateError('usage', 'Name the folder of the new project: npm create weft@latest my-app')

export const oneFolderAlone = (folders: readonly string[]) =>
  new CreateError('usage', `One project is made at a time, and ${folders.map((folder) => `"${folder}"`).join(', ')} are ${folders.length} folders. Name one.`)

export const folderNotEmpty = (folder: string) => new CreateError('folder_not_empty', `${folder} is there and not empty. Name a folder that is not there yet.`)

export const folderUnwritable = (folder: string, cause: NodeJS.ErrnoException) => {
  const why =
    cause.code === 'ENOTDIR' || cause.code === 'EEXIST'
      ? 'a file stands in its place, or in that of a folder above it'
      : `it cannot be written (${cause.code ?? cause.message})`
  return new CreateError('folder_unwritable', `No project can be made in ${folder}: ${why}. Name another folder.`, { cause })
}

export const nameInvalid = (name: string) =>
  new CreateError(
    'name_invalid',
    `"${name}" cannot be the name of a package: expected small letters, digits, "-", "_" and ".", beginning with a letter or digit.`,
  )

export const packagesMissing = (folder: string, name: string) =>
  new CreateError(
    'packages_missing',
    `There is no tarball of ${name} in ${folder}. "npm run pack:all" of the Weft repository writes all of them into its dist folder.`,
  )

export const installFailed = (status: number | null) =>
  new CreateError('install_failed', `npm install failed (exit code ${status}). The project is made; run "npm install" in it once that is mended.`)
