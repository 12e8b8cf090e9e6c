# A real SAML 2.0 identity provider (pysaml2 and xmlsec1 of Debian) for the tests: it signs people in at once, as whoever the test says.
# Started with the path of a JSON file: {port, entityId, key, certificate, metadata: [paths]}. On standard output it says `ready`.
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, saml
from saml2.authn_context import PASSWORDPROTECTEDTRANSPORT
from saml2.config import IdPConfig
from saml2.metadata import entity_descriptor
from saml2.saml import NameID
from saml2.server import Server
from saml2.time_util import instant

settings = json.load(open(sys.argv[1]))
base = 'http://localhost:%d' % settings['port']


def server(key, certificate, minutes):
    config = IdPConfig().load({
        'entityid': settings['entityId'],
        'xmlsec_binary': '/usr/bin/xmlsec1',
        'key_file': key,
        'cert_file': certificate,
        'metadata': {'local': settings['metadata']},
        'service': {'idp': {
            'endpoints': {
                'single_sign_on_service': [(base + '/sso', BINDING_HTTP_REDIRECT)],
                'single_logout_service': [(base + '/slo', BINDING_HTTP_REDIRECT), (base + '/slo', BINDING_HTTP_POST)],
            },
            'policy': {'default': {'lifetime': {'minutes': minutes}, 'attribute_restrictions': None,
                                   'name_form': 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic'}},
            'want_authn_requests_signed': False,
        }},
    })
    return Server(config=config)


# What the test has said last: who is signed in, and what the answers are like.
state = {'person': None, 'signedInAt': None, 'seen': [], 'says': {}}
servers = {}


def idp():
    says = state['says']
    how = (says.get('key', settings['key']), says.get('certificate', settings['certificate']), says.get('minutes', 5))
    if how not in servers:
        servers[how] = server(*how)
    return servers[how]


def answer(saml_request, relay_state):
    asked = idp().parse_authn_request(saml_request, BINDING_HTTP_REDIRECT)
    message = asked.message
    says, person = state['says'], state['person']
    state['seen'].append({'forceAuthn': message.force_authn, 'id': message.id, 'relayState': relay_state,
                          'format': message.name_id_policy.format if message.name_id_policy else None})
    if message.force_authn == 'true' and not says.get('ignoresForce') or state['signedInAt'] is None:
        state['signedInAt'] = time.time()
    sp = message.issuer.text
    name_id = NameID(format=person.get('format', saml.NAMEID_FORMAT_PERSISTENT), text=person['nameId'], sp_name_qualifier=sp)
    destination = idp().response_args(message)['destination']
    response = idp().create_authn_response(
        person['attributes'], in_response_to=says.get('inResponseTo', message.id),
        destination=says.get('destination', destination), sp_entity_id=says.get('audience', sp), name_id=name_id,
        authn={'class_ref': PASSWORDPROTECTEDTRANSPORT, 'authn_instant': int(state['signedInAt'])},
        session_not_on_or_after=instant_at(says['sessionEnds']) if 'sessionEnds' in says else None,
        sign_assertion=says.get('signAssertion', True), sign_response=says.get('signResponse', False),
        sign_alg=says.get('signAlgorithm', 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'),
        digest_alg=says.get('digestAlgorithm', 'http://www.w3.org/2001/04/xmlenc#sha256'))
    return idp().apply_binding(BINDING_HTTP_POST, str(response), destination, relay_state, response=True)['data']


def instant_at(seconds):
    return instant(time_stamp=time.time() + seconds)


def logout(order):
    sessions = order.get('sessions')
    name_id = NameID(format=saml.NAMEID_FORMAT_PERSISTENT, text=order['nameId'])
    _id, request = idp().create_logout_request(
        order['destination'], order['serviceProvider'], name_id=name_id, session_indexes=sessions,
        sign=order.get('signed', True) and order['binding'] == 'post',
        sign_alg='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', digest_alg='http://www.w3.org/2001/04/xmlenc#sha256')
    binding = BINDING_HTTP_POST if order['binding'] == 'post' else BINDING_HTTP_REDIRECT
    made = idp().apply_binding(binding, str(request), order['destination'], 'from the provider',
                               sign=order.get('signed', True) and order['binding'] == 'redirect',
                               sigalg='http://www.w3.org/2001/04/xmldsig-more#rsa-sha256')
    if binding == BINDING_HTTP_POST:
        return {'html': made['data']}
    return {'url': dict(made['headers'])['Location']}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_args):
        pass

    def reply(self, status, body, kind='text/html', location=None):
        data = body.encode()
        self.send_response(status)
        self.send_header('Content-Type', kind)
        self.send_header('Content-Length', str(len(data)))
        if location is not None:
            self.send_header('Location', location)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        at = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(at.query).items()}
        try:
            if at.path == '/sso':
                self.reply(200, answer(query['SAMLRequest'], query.get('RelayState', '')))
            elif at.path == '/metadata':
                self.reply(200, str(entity_descriptor(idp().config)), 'application/samlmetadata+xml')
            elif at.path == '/slo' and 'SAMLRequest' in query:
                asked = idp().parse_logout_request(query['SAMLRequest'], BINDING_HTTP_REDIRECT)
                state['signedInAt'] = None
                state['seen'].append({'logout': asked.message.name_id.text,
                                      'sessions': [index.text for index in asked.message.session_index]})
                self.reply(200, 'signed out')
            elif at.path == '/slo':
                state['seen'].append({'loggedOut': query.get('RelayState'), 'signed': 'Signature' in query})
                self.reply(200, 'thank you')
            else:
                self.reply(404, 'not here')
        except Exception as error:  # a test reads it
            self.reply(500, repr(error), 'text/plain')

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        try:
            if self.path == '/test/state':
                state.update(body)
                self.reply(200, '{}', 'application/json')
            elif self.path == '/test/services':
                settings['metadata'] = body['paths']
                servers.clear()
                self.reply(200, '{}', 'application/json')
            elif self.path == '/test/seen':
                self.reply(200, json.dumps(state['seen']), 'application/json')
            elif self.path == '/test/logout':
                self.reply(200, json.dumps(logout(body)), 'application/json')
            else:
                self.reply(404, 'not here')
        except Exception as error:
            self.reply(500, repr(error), 'text/plain')


print('ready', flush=True)
ThreadingHTTPServer(('127.0.0.1', settings['port']), Handler).serve_forever()
