# Fairway and its proxy in one container: it reads the engine's socket, and the proxy is its child.
#
#   docker build -t fairway:haproxy --target haproxy .
#   docker build -t fairway:nginx --target nginx .
#   docker run -d --name edge -p 80:80 -p 443:443 --network edge --stop-timeout 40 \
#       -v /var/run/docker.sock:/var/run/docker.sock fairway:haproxy
#
# Settings come as FAIRWAY_... variables, or from /etc/fairway/fairway.yml. The proxy has 30 seconds to finish its
# requests when the container is stopped, and Docker by itself waits for ten.

FROM debian:bookworm-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends python3-venv
COPY . /src
RUN python3 -m venv /opt/fairway && /opt/fairway/bin/pip install --no-cache-dir /src

FROM debian:bookworm-slim AS fairway
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates python3 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /opt/fairway /opt/fairway
ENV PATH=/opt/fairway/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
WORKDIR /etc/fairway
VOLUME /var/lib/fairway
EXPOSE 80 443
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s CMD ["fairway", "health"]
ENTRYPOINT ["fairway"]
CMD ["watch"]

FROM fairway AS nginx
RUN apt-get update && apt-get install --yes --no-install-recommends libnginx-mod-stream nginx \
    && rm -rf /var/lib/apt/lists/*
ENV FAIRWAY_PROXY=nginx

FROM fairway AS haproxy
RUN apt-get update && apt-get install --yes --no-install-recommends haproxy \
    && rm -rf /var/lib/apt/lists/*
ENV FAIRWAY_PROXY=haproxy
