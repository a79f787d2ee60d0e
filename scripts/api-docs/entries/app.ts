/**
 * `import { afterFork } from 'prefork/app'`: hooks for an app that prefork runs. Under plain node they do nothing.
 *
 * @module app
 */
export * from '../../../src/app/api/index.js';
