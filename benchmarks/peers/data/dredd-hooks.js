// Turns the one example request into one that deserves each documented refusal.
const hooks = require("hooks");

hooks.beforeEach((transaction, done) => {
  const status = transaction.expected.statusCode;
  const body = JSON.parse(transaction.request.body);
  let token = process.env.CSBS_TOKEN;
  if (status === "400") delete body.checkpoint.plan_id;
  else if (status === "401") token = "not-a-token";
  else if (status === "403") token = process.env.CSBS_FORBIDDEN_TOKEN;
  else if (status === "404") body.checkpoint.plan_id = "00000000-0000-4000-8000-000000000000";
  else if (status !== "200") transaction.skip = true; // 500 and 503 cannot be provoked
  transaction.request.headers["X-Auth-Token"] = token;
  transaction.request.body = JSON.stringify(body);
  done();
});
