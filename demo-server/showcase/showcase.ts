import { json, Router, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { HttpError } from '../web/http-error.js';
import type { Faults } from '../kodo/src/faults.js';
import { addressOf } from '../web/request-limits.js';
import { endUserOf, findEndUser } from '../web/session.js';
import { FAULTS_FOR_SHOW, type FaultForShow } from './faults-for-show.js';
import { FlowFeed } from './flow-feed.js';
import { recordFlow } from './flow-recorder.js';

/**
 * Features that only the demo page needs, to show the requests to the server. Omit this folder in your own server.
 *
 * With several instances, a page shows only the requests to its own instance.
 */
export interface Showcase {
  /** Observes the API's requests. Must come before its routes. */
  readonly record: RequestHandler;
  /**
   * `GET /`: available faults, `{faults: […]}`. `GET /flow`: a stream of `ShownExchange`. `PUT /fault`: injects a
   * fault, `{fault}`.
   */
  readonly routes: Router;
  /** Ends the streams. */
  close(): void;
}

const faultSchema = z.object({ fault: z.enum(Object.keys(FAULTS_FOR_SHOW) as FaultForShow[]) });

/** @param faults fault injection of the local Kodo; absent with a real bucket */
export function createShowcase(faults: Faults | undefined): Showcase {
  const feed = new FlowFeed();
  const inject = (fault: FaultForShow): void => {
    if (faults === undefined) throw new HttpError(404, 'no-faults', 'Faults cannot be injected into a real bucket.');
    faults.clear();
    faults.add(...FAULTS_FOR_SHOW[fault]);
  };
  const routes = Router()
    .get('/', (_req, res) => {
      res.set('cache-control', 'no-store').json({ faults: faults === undefined ? [] : Object.keys(FAULTS_FOR_SHOW) });
    })
    .get('/flow', (req, res: Response) => feed.open({ visitor: endUserOf(res), address: addressOf(req) }, res))
    .put('/fault', json({ limit: '1kb' }), (req, res) => {
      const { success, data } = faultSchema.safeParse(req.body);
      if (!success)
        throw new HttpError(400, 'bad-request', `fault must be one of ${Object.keys(FAULTS_FOR_SHOW).join(', ')}.`);
      inject(data.fault);
      res.status(204).end();
    });
  return { record: recordFlow(feed, findEndUser), routes, close: () => feed.close() };
}
