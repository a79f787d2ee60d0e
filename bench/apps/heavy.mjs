// An http app that holds 150 MB of ordinary objects, as one does that has loaded a catalogue, and looks things up there.
import { createServer } from 'node:http';

const COUNT = 214_000;

// By way of JSON, as from a file or a database.
const catalogue = new Map();
for (let id = 0; id < COUNT; id++) {
  const product = JSON.parse(JSON.stringify(describe(id)));
  catalogue.set(product.sku, product);
}

createServer((_request, response) => {
  const product = catalogue.get(sku(Math.floor(Math.random() * COUNT)));
  const related = product.related.map((id) => catalogue.get(id).name);
  response.setHeader('pid', process.pid);
  response.end(JSON.stringify({ ...product, related }));
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('Listening on an event loop'));

function describe(id) {
  return {
    sku: sku(id),
    name: `Product ${id}`,
    description: `The number ${id} of ${COUNT}: ${'well made, and made to last. '.repeat(4)}`,
    price: { amount: id * 7.01, currency: 'EUR' },
    tags: [`colour ${id % 17}`, `size ${id % 23}`, `line ${id % 1009}`],
    stock: [id % 5, id % 50, id % 500, id % 5000],
    related: [sku((id * 7) % COUNT), sku((id * 13) % COUNT)],
  };
}

function sku(id) {
  return `SKU-${String(id).padStart(8, '0')}`;
}
