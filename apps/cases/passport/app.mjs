import express from 'express';
import session from 'express-session';
import passport from 'passport';
import { Strategy } from 'passport-local';
import makeFileStore from 'session-file-store';

passport.use(new Strategy((name, password, done) => done(null, password === 'secret' && { name })));
passport.serializeUser((user, done) => done(null, user));
passport.deserializeUser((user, done) => done(null, user));

const FileStore = makeFileStore(session);
const app = express();
app.use(express.json());
app.use(
  session({
    store: new FileStore({ path: process.env.DATA, logFn: () => {} }),
    secret: 'keyboard cat',
    resave: false,
    saveUninitialized: false,
  }),
);
app.use(passport.session());
app.post('/login', passport.authenticate('local'), (request, response) => response.json(request.user));
app.get('/', (request, response) => response.json({ user: request.user ?? null, pid: process.pid }));
app.listen(process.env.PORT);
