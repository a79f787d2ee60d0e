import type { Model } from '../models.js';

/** Why a model cannot serve the http app; undefined for one that can. */
export function onlyHttp(model: Model): string | undefined {
  return model === 'prefork' ? 'the echo server speaks no http' : undefined;
}
