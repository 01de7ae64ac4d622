#!/usr/bin/env perl
# A decoder in Perl, with its core modules alone: sliceproof check "exec:perl examples/perl/decoder.pl"
# It reads the payload parts of TGI's stream.

use strict;
use warnings;
use JSON::PP qw(decode_json encode_json);    # of and to bytes in UTF-8
use MIME::Base64 qw(decode_base64);

binmode STDIN;
binmode STDOUT;

sub say_to { print encode_json($_[0]), "\n" }

sub hear {
    STDOUT->flush;                           # sliceproof answers only what it has read
    my $line = <STDIN>;
    exit 0 unless defined $line;
    return decode_json($line);
}

# The next part of a stream; undef at its end.
sub pull {
    my ($stream) = @_;
    say_to({ stream => $stream, pull => JSON::PP::true });
    my $answer = hear();
    die "$answer->{raise}{name}: $answer->{raise}{message}\n" if $answer->{raise};
    return $answer->{end} ? undef : decode_base64($answer->{chunk});
}

sub decode {
    my ($stream) = @_;
    my ($held, $finished) = ("", 0);
    while (defined(my $part = pull($stream))) {
        my $seen = length $held;
        $held .= $part;
        my $start = 0;
        while ((my $stop = index $held, "\n", $seen > $start ? $seen : $start) >= 0) {
            my $line = substr $held, $start, $stop - $start;
            $start = $stop + 1;
            next unless $line =~ s/^data:\s*//;
            my $record = decode_json($line);
            die "$record->{error_type}: $record->{error}\n" if $record->{error};
            $finished ||= defined $record->{generated_text};
            say_to({ stream => $stream, text => "$record->{token}{text}" }) unless $record->{token}{special};
        }
        $held = substr $held, $start;
    }
    die "the stream ended before its last record\n" unless $finished;
}

hear();    # {"protocol": 1}
say_to({ hello => { protocol => 1, version => "1.0", dialects => ["tgi-sse"], accepts => "parts" } });
while (my $opened = hear()) {
    my $stream = $opened->{stream};
    if (eval { decode($stream); 1 }) { say_to({ stream => $stream, done => JSON::PP::true }) }
    else { chomp(my $told = $@); say_to({ stream => $stream, error => { type => "die", message => $told } }) }
}
