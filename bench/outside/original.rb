# -*- coding: utf-8 -*-
# The document's prefork server, which echoes instead of printing, logs nothing, and is told how many workers to fork.
require "socket"

number_of_workers = Integer(ARGV.fetch(0, 3))
listening_socket = TCPServer.open("127.0.0.1", 0)

children = number_of_workers.times.map do
  fork do
    loop do
      socket = listening_socket.accept

      loop do
        line = socket.gets
        break if line.nil?

        line.gsub!(/[\r\n]/, "")

        if line == "exit"
          socket.close
          break
        end

        socket.puts line
      end
    end
  end
end

$stdout.sync = true
puts "Listening on 127.0.0.1:#{listening_socket.addr[1]}, parent #{Process.pid}, children #{children.join(" ")}"

Process.waitall
