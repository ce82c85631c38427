/** Loads an application's folder; `api.ts` is what applications import as `millrace/app`. */
export type { AppConnector } from './app-yaml.ts';
export type { Generator, GeneratorContext, GeneratorDatabase } from './generator.ts';
export { importModule } from './import-module.ts';
export { type App, type AppFile, findApp, loadApp, resolveParameters } from './load.ts';
export { type AppFunctions, type FunctionFiles, loadFunctions } from './load-functions.ts';
export type { Route, RouteContext, RouteRow, Routes } from './routes.ts';
export { viewDeclaration } from './view-file.ts';
