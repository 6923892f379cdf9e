import type { DType, OrtError, Session, Tensor } from '@weft/ort'

/** A tensor on a session's device, made between two runs: a device may refuse to be entered while it works for another session, training's for one. */
export async function deviceTensor<D extends DType>(session: Session, dtype: D, shape: readonly number[]): Promise<Tensor<D>> {
  for (;;) {
    await session.idle()
    try {
      return session.deviceTensor(dtype, shape)
    } catch (error) {
      if ((error as Partial<OrtError>).code !== 'device_busy') throw error
    }
  }
}
