"""Network calls of the standard library. Timeouts in seconds.

Source: the documentation of urllib, http.client, socket, smtplib, ftplib, imaplib, poplib, telnetlib, xmlrpc and ssl.
"""

from __future__ import annotations

from par_lint.core.catalog.entry import Calls, Effect, Entry, Family, Kind, Sharing, Timeout, Trait, Types

_LATE = "TimeoutError"

FAMILY = Family(
    entries=(
        Entry("urllib.request.urlopen", Kind.NETWORK, Effect.READ, Timeout(position=2, raises=_LATE)),
        Entry("urllib.request.OpenerDirector.open", Kind.NETWORK, Effect.QUERY, Timeout(position=2, raises=_LATE)),
        Entry("ssl.get_server_certificate", Kind.NETWORK, Effect.QUERY, Timeout(raises=_LATE)),
        Entry("urllib.request.urlretrieve", Kind.NETWORK, Effect.WRITE),
        Entry("socket.create_connection", Kind.NETWORK, Effect.QUERY, Timeout(position=1, raises=_LATE)),
        Calls(Kind.NETWORK, Effect.READ, """
            socket.{getaddrinfo gethostbyname gethostbyname_ex gethostbyaddr getnameinfo getfqdn} http.client.HTTPResponse.read
        """),
        Calls(Kind.NETWORK, Effect.QUERY, """
            http.client.HTTPConnection.getresponse http.client.HTTPSConnection.getresponse
            imaplib.IMAP4.{fetch search select uid} imaplib.IMAP4_SSL.{fetch search select uid} poplib.POP3.{retr list} poplib.POP3_SSL.{retr list}
            ftplib.FTP.{retrbinary retrlines nlst dir size mlsd login} ftplib.FTP_TLS.{retrbinary retrlines nlst dir size login}
            urllib.robotparser.RobotFileParser.read
        """),
        Calls(Kind.NETWORK, Effect.QUERY, "ftplib.FTP.connect ftplib.FTP_TLS.connect", Timeout(position=2, raises=_LATE, kept=True)),
        Calls(Kind.NETWORK, Effect.WRITE, """
            http.client.HTTPConnection.request http.client.HTTPSConnection.request
            smtplib.SMTP.{send_message sendmail connect login} smtplib.SMTP_SSL.{send_message sendmail connect login}
            ftplib.FTP.{storbinary storlines delete mkd rename sendcmd} ftplib.FTP_TLS.{storbinary storlines delete mkd}
            imaplib.IMAP4.{append store copy} imaplib.IMAP4_SSL.{append store copy} poplib.POP3.dele
            socket.socket.{send sendall recv recvfrom connect accept sendto makefile}
        """),
        Entry("http.client.HTTPConnection", Kind.METADATA, Effect.READ, Timeout(position=2, raises=_LATE)),
        Entry("http.client.HTTPSConnection", Kind.METADATA, Effect.READ, Timeout(raises=_LATE)),
        Entry("smtplib.SMTP", Kind.NETWORK, Effect.QUERY, Timeout(position=3, raises=_LATE, needs="host")),
        Entry("smtplib.SMTP_SSL", Kind.NETWORK, Effect.QUERY, Timeout(raises=_LATE, needs="host")),
        Entry("smtplib.LMTP", Kind.NETWORK, Effect.QUERY, Timeout(raises=_LATE)),
        Entry("ftplib.FTP", Kind.NETWORK, Effect.QUERY, Timeout(position=4, raises=_LATE, needs="host")),
        Entry("ftplib.FTP_TLS", Kind.NETWORK, Effect.QUERY, Timeout(raises=_LATE, needs="host")),
        Entry("imaplib.IMAP4", Kind.NETWORK, Effect.QUERY, Timeout(position=2, raises=_LATE)),
        Entry("imaplib.IMAP4_SSL", Kind.NETWORK, Effect.QUERY, Timeout(raises=_LATE)),
        Entry("poplib.POP3", Kind.NETWORK, Effect.QUERY, Timeout(position=2, raises=_LATE)),
        Entry("poplib.POP3_SSL", Kind.NETWORK, Effect.QUERY, Timeout(raises=_LATE)),
        Entry("telnetlib.Telnet", Kind.NETWORK, Effect.QUERY, Timeout(position=2, raises=_LATE, needs="host")),
        Entry("telnetlib.Telnet.open", Kind.NETWORK, Effect.QUERY, Timeout(position=2, raises=_LATE)),
        Calls(Kind.METADATA, Effect.NONE, """
            urllib.request.{Request build_opener install_opener} http.client.HTTPConnection.close socket.{socket gethostname}
            socket.socket.{close settimeout setsockopt bind listen shutdown} smtplib.SMTP.{quit close ehlo starttls} ftplib.FTP.{quit close cwd}
        """),
    ),
    types=(
        Types(Sharing.STATEFUL, """
            socket.socket http.client.HTTPConnection http.client.HTTPSConnection http.client.HTTPResponse smtplib.SMTP smtplib.SMTP_SSL
            ftplib.FTP ftplib.FTP_TLS imaplib.IMAP4 imaplib.IMAP4_SSL poplib.POP3 poplib.POP3_SSL
        """),
        Types(Sharing.UNSURE, "urllib.request.OpenerDirector"),
    ),
    returns={
        "urllib.request.urlopen": "http.client.HTTPResponse",
        "urllib.request.OpenerDirector.open": "http.client.HTTPResponse",
        "urllib.request.build_opener": "urllib.request.OpenerDirector",
        "http.client.HTTPConnection.getresponse": "http.client.HTTPResponse",
        "http.client.HTTPSConnection.getresponse": "http.client.HTTPResponse",
        "socket.create_connection": "socket.socket",
    },
    aliases={
        "six.moves.urllib.request.urlopen": "urllib.request.urlopen", "six.moves.urllib.request.Request": "urllib.request.Request",
        "urllib2.urlopen": "urllib.request.urlopen", "urllib2.Request": "urllib.request.Request", "urllib2.build_opener": "urllib.request.build_opener",
        "httplib.HTTPConnection": "http.client.HTTPConnection", "httplib.HTTPSConnection": "http.client.HTTPSConnection",
    },
    traits={Trait.OPENS_CONNECTION: "socket.create_connection websocket.create_connection"},
    caught_by={_LATE: "timeout OSError IOError EnvironmentError"},
    related_errors={_LATE: "URLError HTTPError HTTPException ConnectionError SMTPException error error_proto gaierror"},
)
