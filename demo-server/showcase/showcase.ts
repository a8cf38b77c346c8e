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
 * What only the demo's page needs, to show the flow from the inside: leave this folder out of your own server.
 *
 * With several instances a page is told of what its own instance sees.
 */
export interface Showcase {
  /** Looks at the API's requests; comes before its routes. */
  readonly record: RequestHandler;
  /**
   * `GET /`: what can be shown, `{faults: […]}`. `GET /flow`: a stream of `ShownExchange`. `PUT /fault`: orders one,
   * `{fault}`.
   */
  readonly routes: Router;
  /** Ends the streams. */
  close(): void;
}

const orderSchema = z.object({ fault: z.enum(Object.keys(FAULTS_FOR_SHOW) as FaultForShow[]) });

/** @param faults of the local Kodo; with a real bucket there is nobody who takes orders */
export function createShowcase(faults: Faults | undefined): Showcase {
  const feed = new FlowFeed();
  const order = (fault: FaultForShow): void => {
    if (faults === undefined) throw new HttpError(404, 'no-faults', 'A real bucket takes no orders for faults.');
    faults.clear();
    faults.add(...FAULTS_FOR_SHOW[fault]);
  };
  const routes = Router()
    .get('/', (_req, res) => {
      res.set('cache-control', 'no-store').json({ faults: faults === undefined ? [] : Object.keys(FAULTS_FOR_SHOW) });
    })
    .get('/flow', (req, res: Response) => feed.open({ visitor: endUserOf(res), address: addressOf(req) }, res))
    .put('/fault', json({ limit: '1kb' }), (req, res) => {
      const { success, data } = orderSchema.safeParse(req.body);
      if (!success)
        throw new HttpError(400, 'bad-request', `fault must be one of ${Object.keys(FAULTS_FOR_SHOW).join(', ')}.`);
      order(data.fault);
      res.status(204).end();
    });
  return { record: recordFlow(feed, findEndUser), routes, close: () => feed.close() };
}
