# The smallest Rack app.
run ->(_env) { [200, { "Content-Type" => "text/plain", "Content-Length" => "6", "pid" => Process.pid.to_s }, ["hello\n"]] }
