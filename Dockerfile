# One image for everything: a server, a worker, and the commands that care for what is kept.
#
#   docker build -t inspan .
#   docker run --rm -v inspan:/data inspan keys create
#   docker run -p 127.0.0.1:7420:7420 -v inspan:/data -v ./examples:/app/teams:ro inspan serve teams/launch-kit --host 0.0.0.0

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# The image brings Node: the package that would install it has nothing to do, nor has any other script.
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

FROM node:24-slim
ENV NODE_ENV=production INSPAN_DATABASE=/data/inspan.db
WORKDIR /app
COPY package.json LICENSE ./
COPY schema schema
COPY templates templates
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# Teams lie below /app, so that their tools find the package by its name.
RUN mkdir /data teams && chown node:node /data
USER node
VOLUME /data
EXPOSE 7420
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:7420/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["help"]
