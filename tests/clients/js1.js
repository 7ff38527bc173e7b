// SPDX-License-Identifier: Apache-2.0
// JS1: a browser page that enrols by a script element: a GET with everything in the URL, answered by a call of its function.
// Usage: node js1.js URL, prints what the function was given, as JSON. The certificate is checked (NODE_EXTRA_CA_CERTS).
const https = require("https");
const vm = require("vm");

https.get(process.argv[2], (response) => {
  const chunks = [];
  response.on("data", (chunk) => chunks.push(chunk));
  response.on("end", () => {
    const page = { given: null };
    page.loyalty = { answer: (value) => { page.given = value; } };
    vm.runInNewContext(Buffer.concat(chunks).toString("utf8"), page);
    console.log(JSON.stringify({ type: response.headers["content-type"], given: page.given }));
  });
});
