# A client in Ruby, with the event-stream decoder of the AWS SDK: sliceproof run --dialect tgi-sse -- ruby client.rb
#
# Net::HTTP asks, and each chunk is given to Aws::EventStream::Decoder as aws-sdk-core gives it: until that has no more.

require "aws-eventstream"
require "json"
require "net/http"

OURS = ENV.fetch("SLICEPROOF_URL")

# The text of a TGI or OpenAI-compatible event stream.
class SseText
  def initialize
    @rest = String.new(encoding: Encoding::BINARY)
    @finished = false
  end

  def read(part)
    @rest << part
    return unless part.include?("\n".b)

    *lines, @rest = @rest.split("\n".b, -1)
    lines.each do |line|
      data = line.start_with?("data:") ? line.delete_prefix("data:").strip : ""
      if data == "[DONE]" then @finished = true
      elsif !data.empty? then deltas(JSON.parse(data.force_encoding(Encoding::UTF_8))) { |delta| yield delta }
      end
    end
  end

  def close(&block)
    read("\n".b, &block)
    raise "the stream ended before its last record" unless @finished
  end

  private

  def deltas(record)
    raise "the container said: #{record}" if record["error"]

    if (token = record["token"])
      @finished ||= !record["generated_text"].nil?
      yield token["text"] unless token["special"] || token["text"].nil?
    end
    (record["choices"] || []).select { |choice| choice["index"].to_i.zero? }.each do |choice|
      @finished ||= !choice["finish_reason"].nil?
      content = choice.dig("delta", "content")
      yield content if content
    end
  end
end

# Text that is nothing else.
class PlainText
  def read(part)
    yield part
  end

  def close; end
end

# Each payload part of an endpoint's answer.
def ask(url)
  uri = URI(url)
  Net::HTTP.start(uri.host, uri.port) do |http|
    post = Net::HTTP::Post.new(uri, "Content-Type" => "application/json")
    post.body = "{}"
    http.request(post) do |response|
      raise "#{response.code}: #{response.body}" unless response.is_a?(Net::HTTPOK)

      decoder = Aws::EventStream::Decoder.new
      response.read_body do |chunk|
        message, eof = decoder.decode_chunk(chunk)
        yield part(message) if message
        until eof
          message, eof = decoder.decode_chunk
          yield part(message) if message
        end
      end
    end
  end
end

def part(message)
  headers = message.headers.transform_values(&:value)
  payload = message.payload.read.b
  unless headers[":message-type"] == "event"
    raise "#{headers[":exception-type"] || headers[":error-code"]}: #{headers[":error-message"]} #{payload}"
  end

  headers[":event-type"] == "PayloadPart" ? payload : "".b
end

loop do
  begin
    response = Net::HTTP.get_response(URI("#{OURS}/next"))
  rescue SystemCallError, EOFError
    break
  end
  next unless response.is_a?(Net::HTTPOK)

  stream = JSON.parse(response.body)
  text = String.new(encoding: Encoding::BINARY)
  told = {}
  begin
    reader = stream["dialect"] == "text" ? PlainText.new : SseText.new
    ask(stream["invoke_url"]) { |bytes| reader.read(bytes) { |delta| text << delta.b } }
    reader.close { |delta| text << delta.b }
  rescue StandardError => e
    told[:error] = "#{e.class}: #{e.message}".scrub
  end
  told[:text] = text.force_encoding(Encoding::UTF_8).scrub # half a character at the end of what broke off
  Net::HTTP.post(URI("#{OURS}/report/#{stream["name"]}"), JSON.generate(told), "Content-Type" => "application/json")
end
